/**
 * What the generated code of `blixard.proto` is made of, and where the proto lies. Nothing here parses the proto: that
 * costs 50 ms of a command's start; `messages.generated.ts` was made from it (see `generate.ts`).
 */

import { fileURLToPath } from "node:url";
import { Reader, Writer } from "./wire-buffer.ts";

/** A message as one may write it: what is left out is zero. */
export type Init<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer Item)[]
    ? readonly Init<Item>[]
    : T extends { readonly kind: infer Kind; readonly value: infer Value }
      ? { readonly kind: Kind; readonly value: Init<Value> }
      : T extends object
        ? { readonly [Field in keyof T]?: Init<T[Field]> | undefined }
        : T;

export type WriteMessage<T> = (writer: Writer, message: Init<T>) => void;
export type ReadMessage<T> = (reader: Reader, end: number) => T;

/** A method of a service, in the shape that grpc-js takes. */
export interface Method<Request, Response, RequestStream extends boolean, ResponseStream extends boolean> {
  readonly path: string;
  readonly requestStream: RequestStream;
  readonly responseStream: ResponseStream;
  readonly requestSerialize: (message: Init<Request>) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (message: Init<Response>) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** A method of whatever messages. */
export interface AnyMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (message: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** One writer serves all: encoding is synchronous and never re-entered. */
const writer = new Writer();

/** Encodes one message. */
export function encode<Message>(write: (writer: Writer, message: Message) => void, message: NoInfer<Message>): Buffer {
  return writer.encode(write, message);
}

/** Decodes one message; throws `WireError`. */
export function decode<T>(read: ReadMessage<T>, bytes: Buffer): T {
  return Reader.decode(read, bytes);
}

/** Used by the generated code. */
export function method<Request, Response, RequestStream extends boolean, ResponseStream extends boolean>(
  path: string,
  [requestStream, responseStream]: readonly [RequestStream, ResponseStream],
  [writeRequest, readRequest]: readonly [WriteMessage<Request>, ReadMessage<Request>],
  [writeResponse, readResponse]: readonly [WriteMessage<Response>, ReadMessage<Response>],
): Method<Request, Response, RequestStream, ResponseStream> {
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: (message) => encode(writeRequest, message),
    requestDeserialize: (bytes) => decode(readRequest, bytes),
    responseSerialize: (message) => encode(writeResponse, message),
    responseDeserialize: (bytes) => decode(readResponse, bytes),
  };
}

/** The proto as it is shipped; the same place seen from `src/transport` and from `dist/transport`. */
export const protoPath = fileURLToPath(new URL("../../src/transport/blixard.proto", import.meta.url));

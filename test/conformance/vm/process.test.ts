import { describeDriverContract } from "./driver-contract.ts";

describeDriverContract("process");

import { describeDriverContract } from "./driver-contract.ts";

// A runner says nothing of its end but an exit code, which is 0 for a guest that powers off and for one that was told to.
describeDriverContract("runner", { pauses: false, testifies: false });

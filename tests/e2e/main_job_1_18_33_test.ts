import { testMainJob } from "./main_job.ts";

testMainJob("1.18.33");

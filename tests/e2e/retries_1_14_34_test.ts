import { testRetries } from "./retries.ts";

testRetries("1.14.34");

import { testRetries } from "./retries.ts";

testRetries("1.18.33");

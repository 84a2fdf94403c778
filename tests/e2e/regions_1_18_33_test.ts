import { testRegions } from "./regions.ts";

testRegions("1.18.33");

import { testRegions } from "./regions.ts";

testRegions("1.14.34");

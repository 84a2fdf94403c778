import { testTools } from "./tools.ts";

testTools("1.14.34");

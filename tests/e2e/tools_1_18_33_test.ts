import { testTools } from "./tools.ts";

testTools("1.18.33");

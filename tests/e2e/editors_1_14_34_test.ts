import { testEditors } from "./editors.ts";

testEditors("1.14.34");

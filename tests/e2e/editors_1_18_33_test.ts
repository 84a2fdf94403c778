import { testEditors } from "./editors.ts";

testEditors("1.18.33");

import { testVideo } from "./video.ts";

testVideo("1.14.34");

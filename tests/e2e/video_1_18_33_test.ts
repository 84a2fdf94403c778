import { testVideo } from "./video.ts";

testVideo("1.18.33");

import { testRunningLogin } from "./running_login.ts";

testRunningLogin("1.18.33");

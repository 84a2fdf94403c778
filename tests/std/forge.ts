// @ts-types="./forge.d.ts"
export { default } from "npm:node-forge@1.4.3";

// Types for the part of @std/path that the tests use; npm's deno-std carries none.
export function join(...paths: string[]): string;
export function dirname(path: string): string;
export function basename(path: string): string;
export function resolve(...paths: string[]): string;
export function relative(from: string, to: string): string;
export function fromFileUrl(url: string | URL): string;
export function toFileUrl(path: string): URL;

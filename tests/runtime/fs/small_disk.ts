/** A disk of 64 KB and 64 files, where the test may mount one. */

import { join } from "@std/path";

/** Mounts, and tells whether that was allowed. */
export async function mount(...args: readonly string[]): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const { success } = await new Deno.Command("mount", {
      args: [...args],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Unmounts, even what is still in use. */
export async function unmount(path: string): Promise<void> {
  await new Deno.Command("umount", { args: ["--lazy", path], stderr: "null" }).output();
}

/** Runs a test on a disk of 64 KB below a folder; says so where that cannot be made here. */
export async function onSmallDisk(
  t: Deno.TestContext,
  folder: string,
  fn: (disk: string) => Promise<void>,
): Promise<void> {
  const disk = join(folder, "disk");
  await Deno.mkdir(disk);
  const limits = "size=64k,nr_inodes=64,mode=700";
  const isMounted = await mount("-t", "tmpfs", "-o", limits, "tmpfs", disk);
  const name = isMounted ? "on a tmpfs of 64 KB" : "skipped: no tmpfs can be mounted here";
  try {
    await t.step({ name, ignore: !isMounted, fn: () => fn(disk) });
  } finally {
    if (isMounted) await unmount(disk);
  }
}

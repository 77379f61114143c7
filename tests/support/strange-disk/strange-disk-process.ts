import { spawn } from "node:child_process";
import { openSync, read, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type DiskFacts, plainDisk } from "./disk-facts.ts";
import { DiskError, DiskNodes } from "./disk-nodes.ts";
import { answer } from "./fuse-answers.ts";
import { IN_HEADER_BYTES, LARGEST_WRITE, opcode, readRequest, reply } from "./fuse-messages.ts";

/**
 * `node strange-disk.mjs <mount point> <facts as JSON> <program> [arguments]`: mounts a disk in memory with these facts, runs the program,
 * ends with its exit code. Needs root and a mount namespace of its own, which takes the mount down at the end.
 */
async function main([mountPoint = "", facts = "{}", program = "true", ...args]: readonly string[]): Promise<void> {
  const device = openSync("/dev/fuse", "r+");
  const nodes = new DiskNodes(diskFacts(facts));
  const served = serve(device, nodes);
  const options = "fd=3,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions";
  const mounted = await run("mount", ["-i", "-t", "fuse", "-o", options, "none", mountPoint], device);
  if (mounted !== 0) process.exit(98);
  process.exitCode = await run(program, args);
  // Only then does the thread come back that waits for requests; a process whose threads wait does not end.
  await run("umount", [mountPoint]);
  await served;
}

function diskFacts(text: string): DiskFacts {
  const stated: Partial<DiskFacts> = JSON.parse(text);
  return { ...plainDisk, ...stated };
}

async function serve(device: number, nodes: DiskNodes): Promise<void> {
  const buffer = Buffer.alloc(IN_HEADER_BYTES + 4096 + LARGEST_WRITE);
  const unanswered: ReadonlySet<number> = new Set([
    opcode.forget,
    opcode.batchForget,
    opcode.interrupt,
    opcode.destroy,
  ]);
  for (;;) {
    const length = await nextRequest(device, buffer);
    if (length === undefined) return;
    const request = readRequest(buffer.subarray(0, length));
    if (unanswered.has(request.opcode)) continue;
    writeSync(device, answered(nodes, request));
  }
}

/** Until the disk is mounted, the kernel says EPERM; after it is unmounted, ENODEV. */
async function nextRequest(device: number, buffer: Buffer): Promise<number | undefined> {
  for (;;) {
    try {
      return (await promisify(read)(device, buffer, 0, buffer.length, null)).bytesRead;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENODEV") return undefined;
      if (code !== "EPERM" && code !== "EINTR") throw error;
      await sleep(2);
    }
  }
}

function answered(nodes: DiskNodes, request: ReturnType<typeof readRequest>): Buffer {
  try {
    return reply(request.unique, 0, answer(nodes, request));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return reply(request.unique, error.number, Buffer.alloc(0));
  }
}

function run(program: string, args: readonly string[], extra?: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const stdio = ["inherit", "inherit", "inherit", ...(extra === undefined ? [] : [extra])] as const;
    const child = spawn(program, args, { stdio: [...stdio] });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 97));
  });
}

await main(process.argv.slice(2));

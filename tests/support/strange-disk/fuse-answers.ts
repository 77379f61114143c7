import { DIRECTORY, DiskError, type DiskNode, type DiskNodes, FILE } from "./disk-nodes.ts";
import {
  attributeReply,
  directoryReply,
  entryReply,
  type FuseRequest,
  initReply,
  namesIn,
  opcode,
  statfsReply,
} from "./fuse-messages.ts";

const NOTHING = Buffer.alloc(0);
const SET_MODE = 1;
const SET_SIZE = 8;
const SET_TIME = 32;
const SET_TIME_NOW = 256;

type Answer = (nodes: DiskNodes, request: FuseRequest) => Buffer;

const openReply: Answer = (nodes, { nodeId }) => {
  nodes.get(nodeId).opened += 1;
  return Buffer.alloc(16);
};

const release: Answer = (nodes, { nodeId }) => {
  nodes.get(nodeId).opened -= 1;
  return NOTHING;
};

const remove: Answer = (nodes, { nodeId, body }) => {
  nodes.remove(nodes.get(nodeId), only(namesIn(body, 0)));
  return NOTHING;
};

const answers: ReadonlyMap<number, Answer> = new Map<number, Answer>([
  [opcode.init, () => initReply()],
  [opcode.lookup, (nodes, { nodeId, body }) => entryReply(nodes.find(nodes.get(nodeId), only(namesIn(body, 0))))],
  [opcode.getattr, (nodes, { nodeId }) => attributeReply(nodes.get(nodeId))],
  [opcode.setattr, setAttributes],
  [opcode.readlink, (nodes, { nodeId }) => nodes.get(nodeId).content],
  [
    opcode.symlink,
    (nodes, { nodeId, body }) => {
      const [name = "", target = ""] = namesIn(body, 0);
      return entryReply(nodes.symlink(nodes.get(nodeId), name, target));
    },
  ],
  [opcode.mknod, (nodes, request) => entryReply(added(nodes, request, request.body.readUInt32LE(0)))],
  [opcode.mkdir, (nodes, { nodeId, body }) => entryReply(madeDirectory(nodes, nodeId, body))],
  [opcode.create, (nodes, request) => created(nodes, request)],
  [opcode.unlink, remove],
  [opcode.rmdir, remove],
  [opcode.rename, (nodes, request) => renamed(nodes, request, 8)],
  [opcode.rename2, (nodes, request) => renamed(nodes, request, 16)],
  [
    opcode.link,
    (nodes, { nodeId, body }) =>
      entryReply(nodes.link(nodes.get(Number(body.readBigUInt64LE(0))), nodes.get(nodeId), only(namesIn(body, 8)))),
  ],
  [opcode.open, openReply],
  [opcode.release, release],
  [opcode.opendir, () => Buffer.alloc(16)],
  [opcode.releasedir, () => NOTHING],
  [
    opcode.readdir,
    (nodes, { nodeId, body }) =>
      directoryReply(nodes.get(nodeId), Number(body.readBigUInt64LE(8)), body.readUInt32LE(16)),
  ],
  [
    opcode.read,
    (nodes, { nodeId, body }) => {
      const offset = Number(body.readBigUInt64LE(8));
      return nodes.get(nodeId).content.subarray(offset, offset + body.readUInt32LE(16));
    },
  ],
  [opcode.write, written],
  [opcode.statfs, () => statfsReply()],
  [opcode.flush, () => NOTHING],
  [opcode.fsync, () => NOTHING],
  [opcode.fsyncdir, () => NOTHING],
]);

/** Answers one request. @throws {DiskError} with the number for the kernel; ENOSYS for requests that the disk does not know. */
export function answer(nodes: DiskNodes, request: FuseRequest): Buffer {
  const found = answers.get(request.opcode);
  if (found === undefined) throw new DiskError("ENOSYS");
  return found(nodes, request);
}

function only(names: readonly string[]): string {
  const [name] = names;
  if (name === undefined) throw new DiskError("EINVAL");
  return name;
}

function added(nodes: DiskNodes, { nodeId, body }: FuseRequest, mode: number): DiskNode {
  return nodes.add(nodes.get(nodeId), only(namesIn(body, 16)), nodes.make(FILE | (mode & 0o7777)));
}

function madeDirectory(nodes: DiskNodes, nodeId: number, body: Buffer): DiskNode {
  return nodes.add(nodes.get(nodeId), only(namesIn(body, 8)), nodes.make(DIRECTORY | (body.readUInt32LE(0) & 0o7777)));
}

function created(nodes: DiskNodes, request: FuseRequest): Buffer {
  const node = added(nodes, request, request.body.readUInt32LE(4));
  node.opened += 1;
  return Buffer.concat([entryReply(node), Buffer.alloc(16)]);
}

function renamed(nodes: DiskNodes, { nodeId, body }: FuseRequest, namesAt: number): Buffer {
  const [name = "", newName = ""] = namesIn(body, namesAt);
  const newParent = nodes.get(Number(body.readBigUInt64LE(0)));
  nodes.rename({ parent: nodes.get(nodeId), name }, { parent: newParent, name: newName });
  return NOTHING;
}

function setAttributes(nodes: DiskNodes, { nodeId, body }: FuseRequest): Buffer {
  const node = nodes.get(nodeId);
  const valid = body.readUInt32LE(0);
  if ((valid & SET_MODE) !== 0) nodes.chmod(node, body.readUInt32LE(68));
  if ((valid & SET_SIZE) !== 0) resize(node, Number(body.readBigUInt64LE(16)));
  if ((valid & SET_TIME_NOW) !== 0) nodes.touch(node);
  else if ((valid & SET_TIME) !== 0)
    nodes.setTime(node, body.readBigInt64LE(40) * 1_000_000_000n + BigInt(body.readUInt32LE(60)));
  return attributeReply(node);
}

function resize(node: DiskNode, size: number): void {
  const content = Buffer.alloc(size);
  node.content.copy(content);
  node.content = content;
}

function written(nodes: DiskNodes, { nodeId, body }: FuseRequest): Buffer {
  const node = nodes.get(nodeId);
  const offset = Number(body.readBigUInt64LE(8));
  const size = body.readUInt32LE(16);
  if (node.content.length < offset + size) resize(node, offset + size);
  body.copy(node.content, offset, 40, 40 + size);
  nodes.touch(node);
  const reply = Buffer.alloc(8);
  reply.writeUInt32LE(size, 0);
  return reply;
}

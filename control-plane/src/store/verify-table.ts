import { crc32c, unmaskCrc } from './crc32c.ts'
import { unsnappy } from './snappy.ts'
import { Reader } from './varint.ts'
import type { Damage } from './verify-log.ts'

const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
/** One byte for the compression and a masked crc32c follow every block. */
const TRAILER_BYTES = 5
const SNAPPY = 1

interface Handle {
  offset: number
  size: number
}

/**
 * Checks every block of a table by its checksum. The blocks that footer, index and meta index name must cover the file
 * without a gap, so that every byte but the padding of the footer has been summed.
 */
export function verifyTable(bytes: Uint8Array): Damage | undefined {
  const footerAt = bytes.length - FOOTER_BYTES
  if (footerAt < 0) return { offset: 0, what: 'it is shorter than a footer' }
  const magic = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8).getBigUint64(0, true)
  if (magic !== MAGIC) return { offset: bytes.length - 8, what: 'it does not end as a table does' }
  const footer = new Reader(bytes, footerAt, bytes.length - 8)
  const meta = handleFrom(footer)
  const index = handleFrom(footer)
  if (footer.failed) return { offset: footerAt, what: 'the footer cannot be read' }
  const blocks = [meta, index]
  for (const directory of [meta, index]) {
    const named = blockContent(bytes, directory, footerAt)
    if ('what' in named) return named
    const handles = handlesIn(named.content)
    if (!handles) return { offset: directory.offset, what: 'an index block cannot be read' }
    for (const handle of handles) blocks.push(handle)
  }
  return verifyBlocks(bytes, blocks, footerAt)
}

function verifyBlocks(bytes: Uint8Array, blocks: Handle[], footerAt: number): Damage | undefined {
  let at = 0
  for (const block of blocks.sort((a, b) => a.offset - b.offset)) {
    if (block.offset !== at) return { offset: at, what: 'bytes between two blocks belong to neither' }
    if (!isSound(bytes, block, footerAt)) return { offset: at, what: 'the checksum of a block does not match' }
    at += block.size + TRAILER_BYTES
  }
  return at === footerAt ? undefined : { offset: at, what: 'bytes before the footer belong to no block' }
}

function isSound(bytes: Uint8Array, { offset, size }: Handle, limit: number): boolean {
  const end = offset + size
  if (end + TRAILER_BYTES > limit) return false
  const masked = new DataView(bytes.buffer, bytes.byteOffset + end + 1).getUint32(0, true)
  return crc32c(bytes, offset, end + 1) === unmaskCrc(masked)
}

function blockContent(bytes: Uint8Array, block: Handle, limit: number): { content: Uint8Array } | Damage {
  if (!isSound(bytes, block, limit)) {
    return { offset: Math.min(block.offset, limit), what: 'the checksum of an index block does not match' }
  }
  const raw = bytes.subarray(block.offset, block.offset + block.size)
  const content = bytes[block.offset + block.size] === SNAPPY ? unsnappy(raw) : raw
  return content ? { content } : { offset: block.offset, what: 'an index block cannot be decompressed' }
}

/** The handles that a block of prefix-compressed entries holds as values; its restart points stand at its end. */
function handlesIn(block: Uint8Array): Handle[] | undefined {
  if (block.length < 4) return undefined
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4).getUint32(0, true)
  const end = block.length - 4 - restarts * 4
  if (end < 0) return undefined
  const entries = new Reader(block, 0, end)
  const handles: Handle[] = []
  while (!entries.done) {
    entries.varint()
    const keyLength = entries.varint()
    const valueLength = entries.varint()
    entries.take(keyLength)
    const value = new Reader(entries.take(valueLength))
    handles.push(handleFrom(value))
    if (value.failed) return undefined
  }
  return entries.failed ? undefined : handles
}

function handleFrom(reader: Reader): Handle {
  return { offset: reader.varint(), size: reader.varint() }
}

/**
 * The three messages of etcd's public gRPC API that the benches use, in protobuf's wire format. Written by hand, so that
 * the client beside us spends as little as can be on them: what remains is gRPC itself.
 */
export const PUT = '/etcdserverpb.KV/Put'
export const STATUS = '/etcdserverpb.Maintenance/Status'

const LENGTH_DELIMITED = 2

/** PutRequest: `key` is field 1, `value` field 2. */
export function putRequest({ key, value }: { key: string; value: Buffer }): Buffer {
  const name = Buffer.from(key)
  const parts = [tag(1), varint(name.length), name, tag(2), varint(value.length), value]
  return Buffer.concat(parts)
}

export interface EtcdStatus {
  memberId: bigint
  leader: bigint
  raftTerm: bigint
}

/** StatusResponse: `header` is field 1 (its `member_id` is 2), `leader` 4, `raftTerm` 6. */
export function statusResponse(bytes: Buffer): EtcdStatus {
  const fields = fieldsOf(bytes)
  const header = fields.get(1)
  return {
    memberId: integer(fieldsOf(Buffer.isBuffer(header) ? header : Buffer.alloc(0)).get(2)),
    leader: integer(fields.get(4)),
    raftTerm: integer(fields.get(6)),
  }
}

function integer(field: bigint | Buffer | undefined): bigint {
  return typeof field === 'bigint' ? field : 0n
}

function tag(field: number): Buffer {
  return Buffer.of((field << 3) | LENGTH_DELIMITED)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return Buffer.of(...bytes, value)
}

function fieldsOf(bytes: Buffer): Map<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>()
  let at = 0
  const read = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('a message of etcd ends too early')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const head = Number(read())
    const value = read()
    if ((head & 7) !== LENGTH_DELIMITED) fields.set(head >> 3, value)
    else {
      fields.set(head >> 3, bytes.subarray(at, at + Number(value)))
      at += Number(value)
    }
  }
  return fields
}

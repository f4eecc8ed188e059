import type { Key, LockHolder, LockWaiter } from '@cronclave/openapi'
import type { Claim, Holder, KvEntry } from '../state/kv-types.ts'
import { timeText } from './times.ts'

/** A key as lists and watches show it. */
export function keyView(key: string, entry: KvEntry, withValue: boolean): Key {
  const { value, contentType, createIndex, modIndex, version, lease } = entry
  return {
    key,
    ...(withValue ? { value: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') } : {}),
    contentType,
    createIndex,
    modIndex,
    version,
    ...(lease === '' ? {} : { lease }),
  }
}

export function waiterView({ lease, by, since, value }: Claim): LockWaiter {
  return { lease, by, since: timeText(since), ...(value === '' ? {} : { value }) }
}

export function holderView(holder: Holder): LockHolder {
  const { heldSince, fencingToken } = holder
  return { ...waiterView(holder), since: timeText(heldSince), fencingToken: String(fencingToken) }
}

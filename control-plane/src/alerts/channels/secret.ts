import type { SealedSecret } from '../../discovery/executor.ts'
import type { Sealer } from '../../signing/seal.ts'

/** What of a channel is secret, as it stands sealed: JSON `{ password?, secret?, url? }`. */
export interface ChannelSecret {
  /** Of the mail server. */
  password?: string
  /** What requests are signed with. */
  secret?: string
  /** Of an incoming webhook, whose address is its own secret. */
  url?: string
}

/** What is sealed of a channel; undefined when it cannot be opened any more, which is as if nothing had been given. */
export function openedSecret(
  sealer: Pick<Sealer, 'open'>,
  sealed: SealedSecret | undefined,
): ChannelSecret | undefined {
  try {
    return readSecret(sealed === undefined ? undefined : sealer.open(sealed))
  } catch {
    return undefined
  }
}

/** The parts of a channel's opened secret; a channel without one has none. */
export function readSecret(text: string | undefined): ChannelSecret {
  if (text === undefined) return {}
  const { password, secret, url } = JSON.parse(text) as Record<string, unknown>
  return {
    ...(typeof password === 'string' ? { password } : {}),
    ...(typeof secret === 'string' ? { secret } : {}),
    ...(typeof url === 'string' ? { url } : {}),
  }
}

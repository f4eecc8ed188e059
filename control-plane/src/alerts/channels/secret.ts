/** What of a channel is secret, as it stands sealed: JSON `{ password?, secret?, url? }`. */
export interface ChannelSecret {
  /** Of the mail server. */
  password?: string
  /** What requests are signed with. */
  secret?: string
  /** Of an incoming webhook, whose address is its own secret. */
  url?: string
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

import { Fields, type TextRule } from '../jobs/fields.ts'
import type { Fault } from '../problems.ts'
import { present } from '../runtime/present.ts'
import type { AlertTemplate, Channel, ChannelTarget } from './channel.ts'
import type { ChannelSecret } from './channels/secret.ts'
import { checkTemplate } from './template.ts'

/** What people say of a channel, whoever they say it to. */
export interface ChannelDefinition extends Pick<Channel, 'target' | 'messagesMax' | 'windowMs' | 'template'> {
  /** In clear, as far as it was given; an empty text takes away what there was. */
  secret: ChannelSecret
}

export const CHANNEL_DEFAULTS = { messagesMax: 10, windowMs: 60_000 } as const

const KINDS = ['email', 'webhook', 'slack', 'dingtalk', 'feishu', 'wecom'] as const
/** Recipients of a channel. */
export const RECIPIENTS_MAX = 50
const HOST: TextRule = { max: 253, pattern: /^[A-Za-z0-9.:_-]+$/, wants: 'a host name or an address without port' }
// One address without a display name: no spaces, brackets, quotes, commas or line breaks, so that none ends a header.
export const ADDRESS: TextRule = {
  max: 254,
  pattern: /^[^\s<>()[\]\\,;:"@\p{Cc}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/u,
  wants: 'an address such as ops@example.com',
}
const URL_TEXT: TextRule = { max: 2000, pattern: /^https?:\/\/[^\s/]+\S*$/, wants: 'a URL' }
const SECRET: TextRule = { max: 1000 }
const WORDS: TextRule = { max: 100_000 }

/** Reads a channel with every fault by its place. */
export function readChannelDefinition(body: object): { definition: ChannelDefinition } | { faults: Fault[] } {
  const faults: Fault[] = []
  const fields = new Fields(body, '', faults)
  fields.raw('name')
  const messagesMax = fields.integer('messagesMax', { min: 1, max: 1000 }) ?? CHANNEL_DEFAULTS.messagesMax
  const windowMs = fields.duration('window', { min: 1000, max: 86_400_000 }) ?? CHANNEL_DEFAULTS.windowMs
  if (!fields.has('target')) fields.fault('target', 'is missing')
  const read = readTarget(fields.object('target'))
  const template = readTemplate(fields, faults)
  fields.close()
  if (faults.length > 0 || !read) return { faults }
  return { definition: { ...read, messagesMax, windowMs, ...(template ? { template } : {}) } }
}

/** Whether a password that was given for one may be sent to the other: the same server, as the same user, no less safely. */
export function sharesPassword(one: ChannelTarget, other: ChannelTarget): boolean {
  if (one.kind !== 'email' || other.kind !== 'email') return one.kind === other.kind
  return (
    one.host === other.host && one.port === other.port && one.user === other.user && one.security === other.security
  )
}

function readTemplate(fields: Fields, faults: Fault[]): AlertTemplate | undefined {
  if (!fields.has('template')) return undefined
  const words = fields.object('template')
  const [title, body] = [words.text('title', WORDS), words.text('body', WORDS)]
  words.close()
  const template = present({ title, body })
  for (const { pointer, detail } of checkTemplate(template)) faults.push({ pointer: `/template${pointer}`, detail })
  return title === undefined && body === undefined ? undefined : template
}

function readTarget(fields: Fields): { target: ChannelTarget; secret: ChannelSecret } | undefined {
  if (!fields.has('kind')) fields.fault('kind', 'is missing')
  const kind = fields.choice('kind', KINDS)
  if (kind === undefined) return undefined
  const read = kind === 'email' ? readMail(fields) : readHook(kind, fields)
  fields.close()
  return read
}

function readMail(fields: Fields): { target: ChannelTarget; secret: ChannelSecret } {
  for (const name of ['host', 'from', 'to']) if (!fields.has(name)) fields.fault(name, 'is missing')
  const security = fields.choice('security', ['starttls', 'tls', 'none']) ?? 'starttls'
  const user = fields.text('user', { max: 254 })
  const target: ChannelTarget = {
    kind: 'email',
    host: fields.text('host', HOST) ?? '',
    port: fields.integer('port', { min: 1, max: 65_535 }) ?? (security === 'tls' ? 465 : 587),
    security,
    ...(user === undefined || user === '' ? {} : { user }),
    from: fields.text('from', ADDRESS) ?? '',
    to: readRecipients(fields),
  }
  return { target, secret: given({ password: fields.text('password', SECRET) }) }
}

function readRecipients(fields: Fields): string[] {
  const list = fields.list('to', RECIPIENTS_MAX) ?? []
  if (fields.has('to') && list.length === 0) fields.fault('to', 'names nobody')
  const to: string[] = []
  for (const address of list) {
    if (typeof address !== 'string' || address.length > ADDRESS.max || ADDRESS.pattern?.test(address) !== true)
      fields.fault('to', `${JSON.stringify(address).slice(0, 80)} is not ${ADDRESS.wants}`)
    else if (!to.includes(address)) to.push(address)
  }
  return to
}

function readHook(
  kind: Exclude<ChannelTarget['kind'], 'email'>,
  fields: Fields,
): { target: ChannelTarget; secret: ChannelSecret } {
  const url = fields.text('url', URL_TEXT)
  const secret = kind === 'slack' || kind === 'wecom' ? undefined : fields.text('secret', SECRET)
  const secrets = given({ url, secret })
  if (kind !== 'webhook') return { target: { kind }, secret: secrets }
  return { target: { kind, origin: originOf(url) }, secret: secrets }
}

/** What may be shown of a URL; empty where none was given, or it is none. */
export function originOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : ''
}

function given({ password, secret, url }: { [name in keyof ChannelSecret]: string | undefined }): ChannelSecret {
  return {
    ...(password === undefined ? {} : { password }),
    ...(secret === undefined ? {} : { secret }),
    ...(url === undefined ? {} : { url }),
  }
}

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dingtalkRequest } from './dingtalk.ts'
import { feishuRequest } from './feishu.ts'
import { textWith } from './fixtures.ts'
import { slackRequest } from './slack.ts'
import { wecomRequest } from './wecom.ts'

type Bot = 'dingtalk' | 'feishu' | 'wecom' | 'slack'

/** What others have recorded of robots: signatures that were made elsewhere, and payloads as their documentation has them, shortened. */
interface Recorded {
  signatures: { bot: Bot; nowMs: number; secret: string; timestamp: string; sign: string }[]
  payloads: { bot: Bot; body: object }[]
}

const URL_OF_HOOK = 'https://bots.example.com/hook?access_token=t'
const file = readFileSync(new URL('recorded-bots.json', import.meta.url), 'utf8')
const { signatures, payloads } = JSON.parse(file) as Recorded
const alert = textWith('Job failed')

function requestOf(bot: Bot, secret: string | undefined, nowMs: number) {
  if (bot === 'dingtalk') return dingtalkRequest(URL_OF_HOOK, secret, alert, nowMs)
  if (bot === 'feishu') return feishuRequest(URL_OF_HOOK, secret, alert, nowMs)
  return bot === 'wecom' ? wecomRequest(URL_OF_HOOK, alert) : slackRequest(URL_OF_HOOK, alert)
}

function bodyOf(bot: Bot, secret?: string, nowMs = 0): Record<string, unknown> {
  return JSON.parse(Buffer.from(requestOf(bot, secret, nowMs).body ?? '').toString()) as Record<string, unknown>
}

describe('a robot is sent the signature that was recorded', () => {
  test.each(signatures)('$bot at $timestamp', ({ bot, nowMs, secret, timestamp, sign }) => {
    const query = new URL(requestOf(bot, secret, nowMs).path, URL_OF_HOOK).searchParams
    const sent = bot === 'dingtalk' ? Object.fromEntries(query) : bodyOf(bot, secret, nowMs)
    expect(sent).toMatchObject({ timestamp, sign })
  })

  test('DingTalk: percent-encoded, for a plus would be a space', () => {
    const [{ secret, nowMs } = { secret: '', nowMs: 0 }] = signatures.filter(({ bot }) => bot === 'dingtalk')
    expect(requestOf('dingtalk', secret, nowMs).path).toContain(
      'sign=BQKsG%2BQOCl%2BbYJOLc6pxDHxjVquzlZPWgvRzeN2J5zY%3D',
    )
  })
})

describe('nothing is sent to a robot but fields that its documentation shows', () => {
  test.each(['dingtalk', 'feishu', 'wecom', 'slack'] as const)('%s', (bot) => {
    const shown = new Set(payloads.filter((one) => one.bot === bot).flatMap(({ body }) => shapeOf(body)))
    const sent = shapeOf(bodyOf(bot, bot === 'feishu' ? 'demo' : undefined))
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.filter((line) => !shown.has(line))).toEqual([])
  })
})

/** Kinds are told apart by the values of these. */
const KIND_FIELDS = ['type', 'tag', 'msgtype', 'msg_type']

/** Each field with the kinds of the objects that it stands in, and what it holds: `blocks[] section.text mrkdwn.text string`. */
function shapeOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => shapeOf(item, `${at}[]`))
  if (typeof value !== 'object' || value === null) return [`${at} ${typeof value}`]
  const kinds = KIND_FIELDS.map((name) => (value as Record<string, unknown>)[name]).filter(
    (kind): kind is string => typeof kind === 'string',
  )
  const here = `${at} ${kinds.join()}`
  return Object.entries(value).flatMap(([name, inner]) => shapeOf(inner, `${here}.${name}`))
}

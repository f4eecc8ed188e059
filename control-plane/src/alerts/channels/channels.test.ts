import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readContract } from '../../api/document.ts'
import { createValidator } from '../../api/validator.ts'
import { guardedDial } from '../../dispatch/connector.ts'
import { createEgressPolicy } from '../../dispatch/egress.ts'
import { SECRET } from '../../dispatch/fixtures.ts'
import { createHttp, type Http } from '../../dispatch/http.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { AlertText, ChannelSender, ChannelTarget, Sent } from '../channel.ts'
import { createChannels } from './channels.ts'
import { channelOf, HOSTILE, textWith } from './fixtures.ts'

type Bot = 'slack' | 'dingtalk' | 'feishu' | 'wecom'

interface Heard {
  path: string
  headers: IncomingHttpHeaders
  raw: string
}

let heard: Heard[]
/** What the server answers. */
let answer: { status?: number; headers?: Record<string, string>; body?: string }
const web = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    heard.push({ path: request.url ?? '', headers: request.headers, raw: Buffer.concat(chunks).toString() })
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '')
  })
})
let base: string
let http: Http
let channels: ChannelSender

beforeAll(async () => {
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  ;({ http, channels } = sending(true))
})
afterAll(async () => {
  await channels.close()
  await http.close()
  web.close()
})
beforeEach(() => {
  heard = []
  answer = {}
})

function sending(allowLoopback: boolean): { http: Http; channels: ChannelSender } {
  const egress = createEgressPolicy({ allowLoopback })
  const made = createHttp({ egress })
  const dial = guardedDial({ egress, timeoutMs: 1000 })
  return { http: made, channels: createChannels({ clock: systemClock(), http: made, dial }) }
}

const contract = readContract()
const told = createValidator(contract).body(contract.schemas['AlertTold'] ?? {})

const plain = textWith('Job failed')
const OK: Record<Bot, string> = {
  slack: 'ok',
  dingtalk: '{"errcode":0,"errmsg":"ok"}',
  feishu: '{"code":0,"data":{},"msg":"success"}',
  wecom: '{"errcode":0,"errmsg":"ok"}',
}
const BOTS = Object.keys(OK) as Bot[]

function send(kind: Bot, text: AlertText = plain, secret?: string, by = channels): Promise<Sent> {
  const url = `${base}/hook?key=k3y`
  return by.send(channelOf({ kind }), JSON.stringify({ url, ...(secret === undefined ? {} : { secret }) }), text)
}

const WEBHOOK = (): ChannelTarget => ({ kind: 'webhook', origin: base })
/** What of it is sealed. */
const HOOK = () => JSON.stringify({ secret: SECRET, url: `${base}/alerts` })

interface Payload {
  data: { title: string }
  markdown: { text?: string; content?: string }
  blocks: { type: string; text?: { text: string }; fields?: { text: string }[] }[]
}

function body(): Payload {
  return JSON.parse(heard[0]?.raw ?? '') as Payload
}

describe('a webhook', () => {
  test('is signed as Standard Webhooks has it, and says what happened in fields', async () => {
    expect(await channels.send(channelOf(WEBHOOK()), HOOK(), plain)).toEqual({
      kind: 'delivered',
    })
    const [{ raw, headers }] = heard as [Heard]
    const verified = new Webhook(SECRET).verify(raw, headers as Record<string, string>)
    expect(verified).toEqual({
      type: 'alert.fired',
      timestamp: expect.any(String) as string,
      data: {
        cluster: 'c1',
        key: 'e7',
        title: 'Job failed',
        summary: 'Job failed',
        rule: 'Job failed',
        subject: { kind: 'job', id: '3', name: 'Job failed', namespace: 'Job failed' },
        count: 1,
        since: '2026-11-21T12:00:00.000Z',
        facts: [
          { label: 'Job failed', value: 'Job failed' },
          { label: 'Run', value: 'Job failed' },
        ],
        link: 'https://cron.example.com/n/default/runs/r1',
      },
    })
    expect(headers['webhook-id']).toBe('alert_c1_7')
  })

  test.each([
    'firing',
    'repeated',
    'resolved',
    'summary',
    'test',
  ] as const)('of kind %s is as the contract has it', async (kind) => {
    await channels.send(channelOf(WEBHOOK()), HOOK(), { ...plain, kind })
    expect(told(body())).toEqual([])
    expect(told({ ...body(), type: 'alert.other' })).not.toEqual([])
  })

  test('keeps its id over its tries', async () => {
    for (let i = 0; i < 2; i++) await channels.send(channelOf(WEBHOOK()), HOOK(), plain)
    expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  test.each(Object.values(HOSTILE))('holds %j as it is, and no more', async (value) => {
    await channels.send(channelOf(WEBHOOK()), HOOK(), textWith(value))
    expect(body().data.title).toBe(value)
  })

  test('without a secret leaves nothing', async () => {
    expect(await channels.send(channelOf(WEBHOOK()), undefined, plain)).toMatchObject({ kind: 'failed' })
    expect(heard).toEqual([])
  })

  test.each([
    [{ status: 204 }, { kind: 'delivered' }],
    [{ status: 302, headers: { location: 'http://127.0.0.1/' } }, { kind: 'failed' }, 'retry'],
    [{ status: 401 }, { kind: 'failed', error: 'it answered 401' }, 'retry'],
    [{ status: 404, body: 'no_service' }, { kind: 'failed', error: 'it answered 404: no_service' }, 'retry'],
    [{ status: 410, body: 'channel_is_archived' }, { kind: 'failed' }],
    [
      { status: 429, headers: { 'retry-after': '30' } },
      { kind: 'retry', afterMs: 30_000 },
    ],
    [{ status: 500, body: 'rollup_error' }, { kind: 'retry' }],
    [{ status: 503, headers: { 'retry-after': 'soon' } }, { kind: 'retry' }],
  ])('answered with %j is judged by the status; of Slack, that refuses for good', async (given, wanted, kind?: string) => {
    answer = given
    const hooked = { ...wanted, ...(kind === undefined ? {} : { kind }) }
    expect(await channels.send(channelOf(WEBHOOK()), HOOK(), plain)).toMatchObject(hooked)
    expect(await send('slack')).toMatchObject(wanted)
  })
})

describe('what their documentation shows is what is sent', () => {
  test('Slack: blocks with a header, sections, fields and a fallback text', async () => {
    expect(await send('slack')).toEqual({ kind: 'delivered' })
    const text = (words: string) => ({ type: 'plain_text', text: words, emoji: false })
    expect(body()).toEqual({
      text: 'Job failed',
      mrkdwn: false,
      blocks: [
        { type: 'header', text: text('Job failed') },
        { type: 'section', text: text('Job failed') },
        { type: 'section', fields: [text('Job failed'), text('Job failed'), text('Run'), text('Job failed')] },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '<https://cron.example.com/n/default/runs/r1|Open in Cronclave>' },
        },
      ],
    })
  })

  test('DingTalk: markdown, with time in milliseconds and signature in the query', async () => {
    answer = { body: OK.dingtalk }
    expect(await send('dingtalk', plain, 'this is secret')).toEqual({ kind: 'delivered' })
    const query = new URL(heard[0]?.path ?? '', base).searchParams
    const timestamp = query.get('timestamp') ?? ''
    expect(query.get('key')).toBe('k3y')
    expect(Math.abs(Number(timestamp) - Date.now())).toBeLessThan(60_000)
    expect(query.get('sign')).toBe(hmac('this is secret', `${timestamp}\nthis is secret`))
    expect(body()).toEqual({
      msgtype: 'markdown',
      markdown: {
        title: 'Job failed',
        text: [
          '### Job failed',
          'Job failed',
          '- **Job failed**: Job failed',
          '- **Run**: Job failed',
          '[Open in Cronclave](https://cron.example.com/n/default/runs/r1)',
        ].join('\n\n'),
      },
      at: { isAtAll: false },
    })
  })

  test('Feishu: a card, with time in seconds and a signature over nothing', async () => {
    answer = { body: OK.feishu }
    expect(await send('feishu', plain, 'demo')).toEqual({ kind: 'delivered' })
    const { timestamp, sign, ...card } = body() as Payload & { timestamp: string; sign: string }
    expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000)
    expect(sign).toBe(hmac(`${timestamp}\ndemo`, ''))
    const text = (content: string) => ({ tag: 'plain_text', content })
    expect(card).toEqual({
      msg_type: 'interactive',
      card: {
        config: { wide_screen_mode: true },
        header: { title: text('Job failed'), template: 'red' },
        elements: [
          { tag: 'div', text: text('Job failed') },
          { tag: 'div', text: text('Job failed: Job failed') },
          { tag: 'div', text: text('Run: Job failed') },
          {
            tag: 'action',
            actions: [{ tag: 'button', text: text('Open in Cronclave'), type: 'default', url: plain.link }],
          },
        ],
      },
    })
  })

  test('WeCom: markdown', async () => {
    answer = { body: OK.wecom }
    expect(await send('wecom')).toEqual({ kind: 'delivered' })
    expect(heard[0]?.path).toBe('/hook?key=k3y')
    expect(body()).toEqual({
      msgtype: 'markdown',
      markdown: {
        content: [
          '### Job failed',
          'Job failed',
          '> **Job failed**: Job failed',
          '> **Run**: Job failed',
          '[Open in Cronclave](https://cron.example.com/n/default/runs/r1)',
        ].join('\n'),
      },
    })
  })
})

describe('an answer with status 200 is judged by its code', () => {
  test.each<[Bot, string, Partial<Sent>]>([
    [
      'dingtalk',
      '{"errcode":310000,"errmsg":"sign not match, more: [https://ding-doc.dingtalk.com]"}',
      { kind: 'failed' },
    ],
    ['dingtalk', '{"errcode":300001,"errmsg":"token is not exist"}', { kind: 'failed' }],
    [
      'dingtalk',
      '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}',
      { kind: 'retry', afterMs: 60_000 },
    ],
    ['dingtalk', '{"errcode":-1,"errmsg":"system is busy"}', { kind: 'retry' }],
    [
      'feishu',
      '{"code":19021,"data":{},"msg":"sign match fail or timestamp is not within one hour from current time"}',
      { kind: 'failed' },
    ],
    ['feishu', '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}', { kind: 'delivered' }],
    [
      'feishu',
      '{"code":11232,"data":{},"msg":"frequency limited psm[lark.oapi.app_platform_runtime]"}',
      { kind: 'retry', afterMs: 15_000 },
    ],
    ['feishu', '{"code":9499,"msg":"too many request","data":{}}', { kind: 'retry', afterMs: 15_000 }],
    ['feishu', '{"code":9499,"msg":"Bad Request","data":{}}', { kind: 'failed' }],
    [
      'wecom',
      '{"errcode":45009,"errmsg":"api freq out of limit, hint: [1773643642077182456917975]"}',
      { kind: 'retry', afterMs: 60_000 },
    ],
    [
      'wecom',
      '{"errcode":93000,"errmsg":"invalid webhook url, hint: [1755605200056773468916791]"}',
      { kind: 'failed' },
    ],
    [
      'wecom',
      '{"errcode":40058,"errmsg":"markdown.content exceed max length 4096. invalid Request Parameter"}',
      { kind: 'failed' },
    ],
    ['wecom', '<html>a proxy says hello</html>', { kind: 'retry' }],
    ['feishu', '{"neither":1}', { kind: 'retry' }],
    ['dingtalk', 'null', { kind: 'retry' }],
  ])('%s: %s', async (kind, given, wanted) => {
    answer = { body: given }
    expect(await send(kind)).toMatchObject(wanted)
  })

  test.each([
    'dingtalk',
    'feishu',
    'wecom',
  ] as const)('%s: 429 asks for patience, 502 for another try', async (kind) => {
    answer = { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' }
    expect(await send(kind)).toMatchObject({ kind: 'retry', afterMs: 7000 })
    answer = { status: 429, headers: { 'retry-after': '8' }, body: '{"errcode":45009,"code":11232}' }
    expect(await send(kind)).toMatchObject({ kind: 'retry', afterMs: 8000 })
    answer = { status: 502, body: 'bad gateway' }
    expect(await send(kind)).toMatchObject({ kind: 'retry' })
  })
})

describe('hostile words', () => {
  const cases = BOTS.flatMap((kind) => Object.entries(HOSTILE).map(([name, value]) => [kind, name, value] as const))

  test.each(cases)('%s: %s is text', async (kind, _, value) => {
    answer = { body: OK[kind] }
    expect(await send(kind, textWith(value))).toEqual({ kind: 'delivered' })
    const { raw = '' } = heard[0] ?? {}
    const said = JSON.stringify(body()).replaceAll('<https://cron.example.com/n/default/runs/r1|Open in Cronclave>', '')
    if (kind === 'slack') expect(said).not.toMatch(/<[!@#h]/)
    if (kind === 'dingtalk' || kind === 'wecom') {
      const markdown = body().markdown.text ?? body().markdown.content ?? ''
      expect(markdown).not.toMatch(/<|!\[|\*\*bold|\]\(https:\/\/evil/)
      expect(markdown.split('\n').filter((line) => /^\s*#+ /.test(line))).toHaveLength(1)
    }
    if (kind === 'feishu') expect(said).not.toContain('lark_md')
    expect(Buffer.from(raw).toString()).toBe(raw)
  })

  const bounds: Record<Bot, number> = { slack: 200_000, dingtalk: 20_000, feishu: 20_000, wecom: 4096 }

  test.each(BOTS)('%s: huge ones fit its bounds, cut between characters', async (kind) => {
    for (const unit of ['🔥', '"\\', '<&', 'é*[']) {
      heard = []
      answer = { body: OK[kind] }
      const facts = Array.from({ length: 30 }, () => ({ label: unit.repeat(50), value: unit.repeat(300) }))
      const text = textWith(unit.repeat(100), { summary: unit.repeat(2000), facts })
      expect(await send(kind, text)).toEqual({ kind: 'delivered' })
      const size =
        kind === 'wecom' ? Buffer.byteLength(body().markdown.content ?? '') : Buffer.byteLength(heard[0]?.raw ?? '')
      expect(size).toBeLessThanOrEqual(bounds[kind])
      expect(heard[0]?.raw).not.toMatch(/\\ud[89a-f]|\ufffd/i)
      expect(heard[0]?.raw).toContain(plain.link)
    }
  })

  test('Slack: no part is longer than its block takes', async () => {
    await send('slack', textWith('&'.repeat(4000)))
    for (const block of body().blocks) {
      const max = block.type === 'header' ? 150 : 3000
      if (block.text) expect(block.text.text.length).toBeLessThanOrEqual(max)
      for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000)
      expect(JSON.stringify(block)).not.toMatch(/&(?!amp;)|&amp;?$/)
    }
  })
})

describe('what goes wrong on the way', () => {
  test.each(BOTS)('%s: says nothing of the address, which is a secret', async (kind) => {
    const { channels: strict, http: guarded } = sending(false)
    const refused = await send(kind, plain, undefined, strict)
    expect(refused).toMatchObject({ kind: 'failed' })
    const gone = createServer()
    gone.listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    const nobody = await channels.send(
      channelOf({ kind }),
      JSON.stringify({ url: `http://127.0.0.1:${port}/k3y` }),
      plain,
    )
    expect(nobody).toMatchObject({ kind: 'retry' })
    for (const bad of ['{"url":"k3y"}', '{"url":7}', 'k3y']) {
      const sent = await channels.send(channelOf({ kind }), bad, plain)
      expect(sent).toMatchObject({ kind: 'failed' })
      expect(JSON.stringify(sent)).not.toContain('k3y')
    }
    answer = { status: 404, body: 'Cannot POST /hook?key=k3y' }
    expect(JSON.stringify([refused, nobody, await send(kind)])).not.toContain('k3y')
    await strict.close()
    await guarded.close()
  })
})

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64')
}

import { createHmac } from 'node:crypto'
import type { WireRequest } from '../../dispatch/request.ts'
import type { Millis } from '../../runtime/clock.ts'
import type { AlertText, Sent } from '../channel.ts'
import { cutBytes } from '../plain.ts'
import { type Answer, type BotCodes, jsonPost, judgeBot } from './post.ts'

/** A request may have 20 KB. Bytes as JSON of what happened, and of all facts. */
const SUMMARY_BYTES_MAX = 7000
const FACTS_BYTES_MAX = 9000
/** What stands around a text in a card. */
const AROUND_BYTES = 60
const COLOURS = { firing: 'red', repeated: 'red', resolved: 'green', summary: 'orange', test: 'blue' } as const

/** A custom bot's card. Values stand in `plain_text`, which knows neither markup nor mentions. */
export function feishuRequest(url: string, secret: string | undefined, text: AlertText, now: Millis): WireRequest {
  const { title, summary, kind, facts, link } = text
  const elements: object[] = []
  if (summary !== '') elements.push({ tag: 'div', text: plain(cutJson(summary, SUMMARY_BYTES_MAX)) })
  let room = FACTS_BYTES_MAX
  for (const { label, value } of facts) {
    const line = `${label}: ${value}`
    room -= jsonBytes(line) + AROUND_BYTES
    if (room < 0) break
    elements.push({ tag: 'div', text: plain(line) })
  }
  if (link !== undefined) {
    const button = { tag: 'button', text: plain('Open in Cronclave'), type: 'default', url: link }
    elements.push({ tag: 'action', actions: [button] })
  }
  const card = {
    config: { wide_screen_mode: true },
    header: { title: plain(title), template: COLOURS[kind] },
    elements,
  }
  return jsonPost(url, { ...signature(secret, now), msg_type: 'interactive', card })
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text))
}

function cutJson(text: string, bytesMax: number): string {
  let cut = text
  for (let max = bytesMax; jsonBytes(cut) > bytesMax; max = Math.floor(max * 0.9)) cut = cutBytes(text, max)
  return cut
}

function plain(content: string): object {
  return { tag: 'plain_text', content }
}

/** `timestamp` in seconds, and the base64 of HMAC-SHA256 over nothing under the key `timestamp\nsecret`. */
function signature(secret: string | undefined, now: Millis): { timestamp?: string; sign?: string } {
  if (secret === undefined) return {}
  const timestamp = String(Math.floor(now / 1000))
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64') }
}

const CODES: BotCodes = {
  code: ['code', 'StatusCode'],
  message: ['msg', 'StatusMessage'],
  // 19001: the bot is not there; 19021: signature or clock; 19022: address; 19024: keywords; 9499: the request
  final: new Set([19001, 19021, 19022, 19024, 9499]),
  limited: (code, message) => code === 11232 || (code === 9499 && /too many|frequen/i.test(message)),
  // 100 messages a minute, 5 a second
  limitedMs: 15_000,
}

export function judgeFeishu(answer: Answer): Sent {
  return judgeBot(answer, CODES)
}

import { createHmac } from 'node:crypto'
import type { WireRequest } from '../../dispatch/request.ts'
import type { Millis } from '../../runtime/clock.ts'
import type { AlertText, Sent } from '../channel.ts'
import { botLines, botPlain, fitted } from './bot-markdown.ts'
import { type Answer, type BotCodes, jsonPost, judgeBot } from './post.ts'

/** A message may have 20,000 bytes. */
const TEXT_BYTES_MAX = 16_000

/** A custom robot's markdown message. Nobody is mentioned: that takes the field `at`, which is said outright. */
export function dingtalkRequest(url: string, secret: string | undefined, text: AlertText, now: Millis): WireRequest {
  const markdown = { title: botPlain(text.title), text: fitted(botLines(text, '\n\n', '- '), '\n\n', TEXT_BYTES_MAX) }
  return jsonPost(signedUrl(url, secret, now), { msgtype: 'markdown', markdown, at: { isAtAll: false } })
}

/** With `timestamp` in milliseconds and `sign`, the base64 of HMAC-SHA256 over `timestamp\nsecret` under the secret. */
function signedUrl(text: string, secret: string | undefined, now: Millis): string {
  if (secret === undefined) return text
  const url = new URL(text)
  url.searchParams.set('timestamp', String(now))
  url.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'))
  return url.href
}

const CODES: BotCodes = {
  code: ['errcode'],
  message: ['errmsg'],
  // 300001: the token is not there; 310000: keywords, signature or address refused; 400xxx and 430xxx: what is sent
  final: new Set([300001, 310000, 400101, 400102, 400105, 400106, 430101, 430102, 430103, 430104]),
  limited: (code) => code === 130101 || code === 130102 || code === 410100 || code === 90030,
  // 20 messages a minute
  limitedMs: 60_000,
}

export function judgeDingtalk(answer: Answer): Sent {
  return judgeBot(answer, CODES)
}

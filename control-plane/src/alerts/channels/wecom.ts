import type { WireRequest } from '../../dispatch/request.ts'
import type { AlertText, Sent } from '../channel.ts'
import { botLines, fitted } from './bot-markdown.ts'
import { type Answer, type BotCodes, jsonPost, judgeBot } from './post.ts'

/** Of UTF-8, as `markdown.content` may have. */
const CONTENT_BYTES_MAX = 4096

/** A group robot's markdown message. */
export function wecomRequest(url: string, text: AlertText): WireRequest {
  const content = fitted(botLines(text, '\n', '> '), '\n', CONTENT_BYTES_MAX)
  return jsonPost(url, { msgtype: 'markdown', markdown: { content } })
}

const CODES: BotCodes = {
  code: ['errcode'],
  message: ['errmsg'],
  // 93000: the key is not valid; 93004, 93008, 93017: the robot is gone; 40008, 40058: what is sent
  final: new Set([93000, 93004, 93008, 93017, 40008, 40058]),
  limited: (code) => code === 45009 || code === 45033,
  // 20 messages a minute
  limitedMs: 60_000,
}

export function judgeWecom(answer: Answer): Sent {
  return judgeBot(answer, CODES)
}

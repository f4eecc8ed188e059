import type { WireRequest } from '../../dispatch/request.ts'
import type { AlertText } from '../channel.ts'
import { cut } from '../cut.ts'
import { type Answer, jsonPost, judgeStatus } from './post.ts'
import type { Sent } from '../channel.ts'

// https://docs.slack.dev/reference/block-kit/blocks: bounds of each part, in characters.
const HEADER_MAX = 150
const SECTION_MAX = 3000
const FIELD_MAX = 2000
const FIELDS_MAX = 10
const TEXT_MAX = 4000

/**
 * An incoming webhook's message in blocks. Values stand in `plain_text`, which knows no markup, and `&`, `<` and `>` are
 * written as Slack asks, so no value is a mention or a link.
 */
export function slackRequest(url: string, { title, summary, facts, link }: AlertText): WireRequest {
  const blocks: object[] = [{ type: 'header', text: plain(title, HEADER_MAX) }]
  if (summary !== '') blocks.push({ type: 'section', text: plain(summary, SECTION_MAX) })
  const fields = facts.flatMap(({ label, value }) => [plain(label, FIELD_MAX), plain(value || '–', FIELD_MAX)])
  for (let at = 0; at < fields.length; at += FIELDS_MAX)
    blocks.push({ type: 'section', fields: fields.slice(at, at + FIELDS_MAX) })
  if (link !== undefined)
    blocks.push({ type: 'section', text: { type: 'mrkdwn', text: `<${escaped(encoded(link))}|Open in Cronclave>` } })
  return jsonPost(url, { text: cutEscaped(title, TEXT_MAX), mrkdwn: false, blocks })
}

/** `ok`, or a status and a word such as `no_service`; 429 with `retry-after` when there were too many. */
export function judgeSlack(answer: Answer): Sent {
  return judgeStatus(answer)
}

function plain(text: string, max: number): object {
  return { type: 'plain_text', text: cutEscaped(text, max), emoji: false }
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ESCAPES[character] ?? '')
}

/** Escaped and yet within bounds, without half an escape at its end. */
function cutEscaped(text: string, max: number): string {
  let room = max
  for (;;) {
    const tried = escaped(cut(text, room))
    if (tried.length <= max) return tried
    room -= Math.max(1, Math.ceil((tried.length - max) / 5))
  }
}

/** A vertical bar would end the address. */
function encoded(link: string): string {
  return link.replaceAll('|', '%7C')
}

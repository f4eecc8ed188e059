import type { AlertText } from '../channel.ts'
import { cutBytes } from '../plain.ts'

/**
 * Characters that mean something in the markdown of DingTalk and WeCom, neither of which says how to take that from them:
 * look-alikes of full width stand in their place, so no value is a heading, a link, a picture or a mention (`<@name>`).
 */
const LOOK_ALIKES: Record<string, string> = {
  '<': '＜',
  '>': '＞',
  '[': '［',
  ']': '］',
  '*': '＊',
  '`': '｀',
  '\\': '＼',
  '!': '！',
  '~': '～',
}

/** A value as part of a line of markdown. */
export function botPlain(text: string): string {
  return text.replace(/[<>[\]*`\\!~]/g, (character) => LOOK_ALIKES[character] ?? '')
}

/** The parts of a message: a heading, what happened, a line per fact, and the link. */
export function botLines({ title, summary, facts, link }: AlertText, lineBreak: string, mark: string): string[] {
  const lines = [`### ${botPlain(title)}`]
  if (summary !== '') lines.push(botParagraph(summary, lineBreak))
  for (const { label, value } of facts) lines.push(`${mark}**${botPlain(label)}**: ${botPlain(value)}`)
  if (link !== undefined) lines.push(`[${LINK_WORDS}](${encodedLink(link)})`)
  return lines
}

const LINK_WORDS = 'Open in Cronclave'

/** A text of lines, none of which is a heading, a list or a rule: an invisible character stands before what would be. */
function botParagraph(text: string, lineBreak: string): string {
  return botPlain(text)
    .replace(/^([ \t]*)(?=#|[-+=_]|\d+[.)])/gm, '$1\u200b')
    .replaceAll('\n', lineBreak)
}

/** A bracket would end the address. */
function encodedLink(link: string): string {
  return link.replace(
    /[()<>\s[\]]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** Lines joined into at most `bytesMax` bytes of UTF-8: facts give way from the last on, then what happened is cut. */
export function fitted(lines: readonly string[], separator: string, bytesMax: number): string {
  const kept = [...lines]
  const over = () => Buffer.byteLength(kept.join(separator)) - bytesMax
  const isLink = kept.at(-1)?.startsWith(`[${LINK_WORDS}]`)
  for (let at = kept.length - (isLink ? 2 : 1); at >= 2 && over() > 0; at--) kept.splice(at, 1)
  const [, summary = ''] = kept
  if (over() > 0 && kept.length > 1) kept[1] = cutBytes(summary, Math.max(0, Buffer.byteLength(summary) - over()))
  return cutBytes(kept.join(separator), bytesMax)
}

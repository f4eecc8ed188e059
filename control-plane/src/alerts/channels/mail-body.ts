import type { AlertText } from '../channel.ts'

const COLOURS = {
  firing: '#d92d20',
  repeated: '#d92d20',
  resolved: '#12864c',
  summary: '#b54708',
  test: '#1570ef',
} as const

/** The mail for programs that show text only. */
export function mailText({ title, summary, facts, link }: AlertText): string {
  const lines = [
    title,
    '',
    ...(summary === '' ? [] : [summary, '']),
    ...facts.map((fact) => `${fact.label}: ${fact.value}`),
  ]
  if (link !== undefined) lines.push('', link)
  return `${lines.join('\n')}\n`
}

/**
 * The mail as HTML. Each value is escaped; styles stand inline, since mail programs drop others, and no colour is given
 * to text or ground, so that it reads on a dark one too.
 */
export function mailHtml({ kind, title, summary, facts, link, cluster }: AlertText): string {
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><td style="${LABEL}">${escaped(label)}</td><td style="${VALUE}">${escaped(value)}</td></tr>`,
  )
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">',
    `<meta name="supported-color-schemes" content="light dark"><title>${escaped(title)}</title></head>`,
    `<body style="margin:0;padding:16px;font:15px/1.5 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif">`,
    `<div style="max-width:640px;border-left:4px solid ${COLOURS[kind]};padding-left:16px">`,
    `<h1 style="font-size:18px;line-height:1.35;margin:0 0 8px">${escaped(title)}</h1>`,
    summary === '' ? '' : `<p style="margin:0 0 16px;white-space:pre-line">${escaped(summary)}</p>`,
    rows.length === 0 ? '' : `<table role="presentation" style="border-collapse:collapse">${rows.join('')}</table>`,
    link === undefined ? '' : `<p style="margin:16px 0 0"><a href="${escaped(link)}">Open in Cronclave</a></p>`,
    `<p style="margin:16px 0 0;font-size:12px;opacity:.7">Cronclave, cluster ${escaped(cluster)}</p>`,
    '</div></body></html>',
  ].join('\n')
}

const CELL = 'padding:3px 0;border-bottom:1px solid rgba(128,128,128,.25);vertical-align:top;font-size:14px'
const LABEL = `${CELL};padding-right:16px;white-space:nowrap;opacity:.75`
const VALUE = `${CELL};overflow-wrap:anywhere`

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

import { lossyNumber, parseParams } from '../jobs/params.ts'

/** A value as text that people write, and back; text that cannot be read says why. */
export interface TextForm {
  show(value: unknown): string
  /** `undefined` for nothing written. */
  read(text: string): { value: unknown } | { fault: string }
}

const NUMBER = /^\d+$/

/** `key=value`, one a line. */
export const pairs: TextForm = {
  show: (value) =>
    Object.entries((value ?? {}) as Record<string, string>)
      .map(([key, text]) => `${key}=${text}`)
      .join('\n'),
  read(text) {
    const entries: [string, string][] = []
    for (const line of lines.split(text)) {
      const at = line.indexOf('=')
      if (at < 1) return { fault: `“${line}” is not key=value.` }
      entries.push([line.slice(0, at).trim(), line.slice(at + 1).trim()])
    }
    return { value: entries.length === 0 ? undefined : Object.fromEntries(entries) }
  },
}

/** One item a line. */
export const lines: TextForm & { split(text: string): string[] } = {
  show: (value) => ((value ?? []) as string[]).join('\n'),
  read(text) {
    const items = lines.split(text)
    return { value: items.length === 0 ? undefined : items }
  },
  split: (text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
}

/** HTTP statuses, separated by commas. */
export const statuses: TextForm = {
  show: (value) => ((value ?? []) as number[]).join(', '),
  read(text) {
    const words = text.split(/[\s,]+/).filter((word) => word !== '')
    const wrong = words.find((word) => !NUMBER.test(word))
    if (wrong !== undefined) return { fault: `“${wrong}” is not a status.` }
    return { value: words.length === 0 ? undefined : words.map(Number) }
  },
}

/** One number a line. */
export const numbers: TextForm = {
  show: (value) => lines.show(value),
  read(text) {
    const items = lines.split(text)
    const fault = items.map(numberFault).find((one) => one !== undefined)
    if (fault !== undefined) return { fault }
    return { value: items.length === 0 ? undefined : items.map(Number) }
  },
}

/** A number. */
export const oneNumber: TextForm = {
  show: String,
  read(text) {
    const written = text.trim()
    if (written === '') return { value: undefined }
    const fault = numberFault(written)
    return fault === undefined ? { value: Number(written) } : { fault }
  },
}

const WRITTEN_NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

function numberFault(written: string): string | undefined {
  if (!WRITTEN_NUMBER.test(written)) return `“${written}” is not a number.`
  return lossyNumber(written) === undefined ? undefined : `${written} is more than a number holds.`
}

/** Any JSON. */
export const anyJson: TextForm = {
  show: (value) => (value === undefined ? '' : JSON.stringify(value, undefined, 2)),
  read(text) {
    if (text.trim() === '') return { value: undefined }
    const parsed = parseParams(`{"value":${text}}`)
    if (parsed.ok) return { value: parsed.params['value'] }
    return {
      fault: parsed.fault.startsWith('Not JSON') ? 'Not JSON: texts stand in quotes, as "tianjin".' : parsed.fault,
    }
  },
}

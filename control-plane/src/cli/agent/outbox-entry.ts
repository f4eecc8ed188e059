import type { OutboxEntry } from '@cronclave/sdk'

const ID = /^[A-Za-z0-9_-]{1,128}$/

/** The entry in a file, when it is whole and that of this attempt. */
export function readEntry(text: string, attemptId: string): OutboxEntry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<OutboxEntry>
    const { url, token, expiresAt } = entry.callback ?? {}
    const texts = [entry.runId, url, token, expiresAt]
    const isWhole = texts.every((part) => typeof part === 'string') && typeof entry.body === 'object'
    return isWhole && entry.body !== null && entry.attemptId === attemptId ? (entry as OutboxEntry) : undefined
  } catch {
    return undefined
  }
}

/** Whether a text can be the id of an attempt, and so the name of a file. */
export function isAttemptId(text: string): boolean {
  return ID.test(text)
}

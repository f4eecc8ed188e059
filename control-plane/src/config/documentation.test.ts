import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Setting, SETTINGS } from './settings.ts'

test('docs/configuration.md has the row of every setting, with its default and its form', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  for (const [key, { kind, about, default: value }] of Object.entries(SETTINGS) as [string, Setting][]) {
    const shown = value === undefined ? '' : `\`${kind.show(value) || 'none'}\``
    expect(page).toContain(`| \`${key}\` | ${shown} | \`${kind.hint.replaceAll('|', '\\|')}\` | ${about} |`)
  }
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findBrowser, openBrowser, type Server, startServer, watch } from './browser.ts'

const EXECUTORS = '/v1/namespaces/default/services/billing/executors'
const browser = findBrowser()

describe.skipIf(browser === undefined && process.env['CI'] === undefined)(
  'executors in the dashboard',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-dashboard-executors-'))
    let server: Server
    let context: BrowserContext
    let page: Page
    let complaints: () => string[]

    beforeAll(async () => {
      server = await startServer(join(folder, 'data'))
      for (const name of ['billing', 'mail']) await server.call('POST', '/v1/namespaces/default/services', { name })
      const url = 'http://127.0.0.1:9/jobs'
      await server.call('PUT', `${EXECUTORS}/listed`, { url, slots: 8 })
      await server.call('PUT', `${EXECUTORS}/elastic`, { url, bootId: 'b1', revision: 'v42' })
      await server.call('PUT', `${EXECUTORS}/inner`, { url: 'pull', bootId: 'b1' })
      const clock = new Date(Date.now() + 60_000).toISOString()
      await server.call('POST', `${EXECUTORS}/elastic/heartbeat`, { bootId: 'b1', state: 'online', inFlight: 3, clock })
      context = await openBrowser(browser, join(folder, 'browser'))
      page = await context.newPage()
      complaints = watch(page, server.url)
      await page.goto(server.link)
    })

    afterEach(() => expect(complaints()).toEqual([]))

    afterAll(async () => {
      await context?.close()
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    const cell = (executor: string, label: string) =>
      page.getByRole('row').filter({ hasText: executor }).locator(`td[data-label="${label}"]`)

    test('S088 show which of them get work, what they hold, and when they were last heard of', async () => {
      await page.getByRole('link', { name: 'Executors', exact: true }).click()
      await page.getByText('1 online, 2 joining').waitFor()
      await cell('elastic', 'State').getByText('Joining').waitFor()
      expect(await cell('elastic', 'Executor').innerText()).toContain('registered')
      expect(await cell('elastic', 'In flight').innerText()).toBe('3')
      expect(await cell('elastic', 'Revision').innerText()).toBe('v42')
      expect(await cell('elastic', 'Clock').innerText()).toMatch(/ahead$/)
      expect(await cell('elastic', 'Last heartbeat').innerText()).toMatch(/ago|now/)
      expect(await cell('listed', 'Executor').innerText()).toContain('listed')
      expect(await cell('listed', 'Slots').innerText()).toBe('0 of 8')
      expect(await cell('listed', 'Last heartbeat').innerText()).toBe('–')
    })

    test('show one that polls without a URL, and whether it has polled', async () => {
      expect(await cell('inner', 'Executor').innerText()).toContain('polls for its calls')
      expect(await cell('inner', 'Slots').innerText()).toBe('0 of 10')
      expect(await cell('inner', 'Last heartbeat').innerText()).toBe('has not polled yet')
      const polled = server.call('POST', `${EXECUTORS}/inner/poll`, {
        bootId: 'b1',
        state: 'online',
        inFlight: 0,
        waitMs: 0,
      })
      expect(await polled).toMatchObject({ answer: 'ok', calls: [] })
      await cell('inner', 'State').getByText('Online').waitFor()
      expect(await cell('inner', 'Last heartbeat').innerText()).toMatch(/ago|now/)
    })

    test('a change of status is seen without a reload, and so is another service', async () => {
      await server.call('POST', `${EXECUTORS}/listed/drain`)
      await cell('listed', 'State').getByText('Draining').waitFor()
      await page.getByLabel('Service').selectOption('mail')
      await page.getByText('No executor is listed, and none has registered itself.').waitFor()
      expect(new URL(page.url()).searchParams.get('service')).toBe('mail')
    })
  },
  120_000,
)

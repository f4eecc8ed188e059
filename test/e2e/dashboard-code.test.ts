import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manifestHash } from '../../control-plane/src/manifests/manifest-hash.ts'
import { findBrowser, openBrowser, type Server, startServer, watch } from './browser.ts'

const SERVICE = '/v1/namespaces/default/services/billing'
const NIGHTLY = { name: 'report', job: { schedules: [{ cron: '0 23 * * *' }], retry: { max: 3 } } }
const browser = findBrowser()

describe.skipIf(browser === undefined && process.env['CI'] === undefined)(
  'jobs in code, in the dashboard',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-dashboard-code-'))
    let server: Server
    let context: BrowserContext
    let page: Page
    let complaints: () => string[]

    beforeAll(async () => {
      server = await startServer(join(folder, 'data'))
      await server.call('POST', '/v1/namespaces/default/services', { name: 'billing' })
      await server.call('PUT', `${SERVICE}/manifest`, { revision: 'v1', handlers: [NIGHTLY, { name: 'old', job: {} }] })
      await server.call('PUT', `${SERVICE}/manifest`, { revision: 'v2', handlers: [NIGHTLY] })
      const manifest = { revision: 'v3', handlers: [{ name: 'report', job: { retris: 3 } }] }
      const url = 'http://127.0.0.1:9/jobs'
      const about = { url, bootId: 'b1', revision: 'v3', manifestHash: manifestHash(manifest), manifest }
      await server.call('PUT', `${SERVICE}/executors/e1`, about)
      context = await openBrowser(browser, join(folder, 'browser'))
      page = await context.newPage()
      complaints = watch(page, server.url)
      await page.goto(server.link)
    })

    afterAll(async () => {
      await context?.close()
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    test('show whose they are, which of them their code names no more, and what may be changed here', async () => {
      const row = (name: string) => page.getByRole('row').filter({ hasText: name })
      await row('report').getByText('code of billing, revision v2').waitFor()
      await row('old').getByText('Absent from code').waitFor()
      await page.getByRole('link', { name: 'report' }).click()
      await page.getByText('Kept by the code of billing, revision v2').waitFor()
      await page.getByText('In code', { exact: true }).waitFor()
      await page.goto(`${server.url}/n/default/jobs/old`)
      await page.getByText('Absent from code: revision v2 of billing names it no more').waitFor()
      expect(complaints()).toEqual([])
    })

    test('are taken out of their code by a button, and what brought their definitions is in their history', async () => {
      await page.goto(`${server.url}/n/default/jobs/report`)
      await page.getByText(/^by .*, revision v1/).waitFor()
      await page.getByRole('button', { name: 'Detach from code' }).click()
      await page.getByRole('button', { name: 'Detach', exact: true }).click()
      await page.getByText('Detached from code', { exact: true }).waitFor()
      await page.getByText('Kept by the code of billing, revision v2').waitFor({ state: 'detached' })
      expect(complaints()).toEqual([])
    })

    test('say at their executor why a revision is refused', async () => {
      await page.getByRole('link', { name: 'Executors', exact: true }).click()
      const row = page.getByRole('row').filter({ hasText: 'e1' })
      await row.getByText('Manifest refused').waitFor()
      await row.getByText('/handlers/0/job/retris').waitFor()
      expect(complaints()).toEqual([])
    })
  },
  120_000,
)

import type { PeerCertificate } from 'node:tls'
import { expect, test } from 'vitest'
import { bearerFault } from './certificate-names.ts'

const certificate = (subjectaltname: string) => ({ subject: { CN: 'x' }, subjectaltname }) as PeerCertificate

test('names are read one by one', () => {
  for (const names of ['DNS:n1', 'DNS:a, DNS:n1', 'IP Address:10.0.0.1, URI:cronclave://n1'])
    expect(bearerFault(certificate(names), { name: 'n1' })).toBeUndefined()
  expect(bearerFault(certificate('DNS:a, DNS:n2'), { name: 'n1' })).toBe(
    'the certificate is for CN:x, DNS:a, DNS:n2, not for n1',
  )
})

test('a name with a comma in it, which Node quotes, is never two', () => {
  for (const names of [
    'DNS:"a, DNS:n1"',
    'DNS:"a, DNS:n1, b"',
    'URI:"http://a/, URI:cronclave://n1, URI:x"',
    '"DNS:a\\", DNS:n1, b"',
  ])
    expect(bearerFault(certificate(names), { name: 'n1' })).toContain('not for n1')
})

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `vite dev` finds a control plane. */
const server = process.env['CRONCLAVE_ENDPOINT'] ?? 'http://127.0.0.1:7420'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing becomes a data: address, so that the page needs no more than 'self' in its content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    reportCompressedSize: true,
  },
  server: { proxy: { '/v1': upstream(), '/version': upstream(), '/docs': upstream() } },
})

/** The control plane takes changes by cookie only from its own origin, so development pretends to be that. */
function upstream() {
  return { target: server, changeOrigin: true, headers: { origin: server } }
}

import { createExecutor } from '@cronclave/sdk'
import { express as mount } from '@cronclave/sdk/express'
import express from 'express'

const executor = createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET, logger: false }).job(
  'report',
  (ctx) => ctx.params,
)
const app = express()
app.use('/jobs', mount(executor))
app.use(express.json())
app.post('/echo', (req, res) => res.json(req.body))
app.use('/parsed', mount(executor))
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  for (const name of ['echo', 'jobs', 'parsed']) console.log(`${name} at http://127.0.0.1:${port}/${name}`)
})

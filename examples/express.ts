/** byok as Express middleware. Run: `npx tsx examples/express.ts` */
import express from 'express'
import { createByok } from 'byok'
import { middleware } from 'byok/adapters/middleware'

const app = express()
app.use('/ai', middleware(await createByok()))
app.get('/', (_request, response) => void response.send('the app that was here before\n'))

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : ''
  console.log(`listening at http://localhost:${port}/ai/v1`)
})

/** byok as Koa middleware. Run: `npx tsx examples/koa.ts` */
import Koa from 'koa'
import { createByok } from 'byok'
import { koa } from 'byok/adapters/koa'

const app = new Koa()
app.use(koa(await createByok(), { prefix: '/ai' }))
app.use((context) => void (context.body = 'the app that was here before\n'))

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : ''
  console.log(`listening at http://localhost:${port}/ai/v1`)
})

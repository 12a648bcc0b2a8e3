/** byok mounted in an h3 app. Run: `npx tsx examples/h3.ts` */
import { H3, serve } from 'h3'
import { createByok } from 'byok'

const byok = await createByok()
const app = new H3().get('/', () => 'the app that was here before\n').mount('/ai', byok.app)

const server = serve(app, { port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1', silent: true })
await server.ready()
console.log(`listening at ${server.url?.replace(/\/$/, '')}/ai/v1`)

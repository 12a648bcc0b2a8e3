/** byok under `/ai` of an `http.Server` that does something else too. Run: `npx tsx examples/http-server.ts` */
import { createServer } from 'node:http'
import { createByok } from 'byok'
import { attach } from 'byok/adapters/node'

const server = createServer((_request, response) => response.end('the program that was here before\n'))
attach(server, await createByok(), { prefix: '/ai' })

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : ''
  console.log(`listening at http://localhost:${port}/ai/v1`)
})

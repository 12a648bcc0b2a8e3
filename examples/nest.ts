/** byok in NestJS, on its Express platform. Run: `npx tsx examples/nest.ts` */
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { createByok } from 'byok'
import { middleware } from 'byok/adapters/middleware'

@Module({})
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false })
app.use('/ai', middleware(await createByok()))
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
const url = (await app.getUrl()).replace('127.0.0.1', 'localhost')
console.log(`listening at ${url}/ai/v1`)

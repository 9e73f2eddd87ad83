// Node.js with Express:  npm install express && PORT=4002 node app.js
const express = require('express')

const app = express()
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
app.use(express.urlencoded({ extended: false }))

app.get('/search', (req, res) => res.send(`nothing found for ${escape(req.query.q)}\n`))

app.post('/login', (req, res) => {
  if (req.body.password !== 'correct horse') return res.status(401).send('wrong name or password\n')
  res.send('welcome\n')
})

app.post('/upload', express.raw({ type: () => true, limit: '8mb' }), (req, res) =>
  res.status(201).send(`${req.body.length} bytes\n`))

app.post('/checkout', (req, res) => {
  // The whole SDK: who tries a coupon that only the application knows to be abused?
  if (req.body.coupon === 'STOLEN') res.append('x-user-risk-event', 'checkout.abuse; severity=high')
  res.send('ordered\n')
})

app.listen(process.env.PORT || 4002, '127.0.0.1')

# Ruby with Sinatra:  PORT=4001 ruby app.rb   (apt install ruby-sinatra ruby-webrick)
require 'sinatra/base'

class App < Sinatra::Base
  set :bind, '127.0.0.1'
  set :port, ENV.fetch('PORT', 4001)
  set :server, 'webrick'
  set :environment, :production

  get('/search') { "nothing found for #{Rack::Utils.escape_html(params['q'].to_s)}\n" }

  post '/login' do
    halt 401, "wrong name or password\n" unless params['password'] == 'correct horse'
    "welcome\n"
  end

  post('/upload') { [201, "#{request.body.read.bytesize} bytes\n"] }

  post '/checkout' do
    # The whole SDK: who tries a coupon that only the application knows to be abused?
    headers 'x-user-risk-event' => 'checkout.abuse; severity=high' if params['coupon'] == 'STOLEN'
    "ordered\n"
  end

  run!
end

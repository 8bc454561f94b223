# An application that connects by the quick start of omniauth_openid_connect, as Debian has it.
require 'json'
require 'omniauth_openid_connect'
require 'rack'
require 'securerandom'
require 'uri'

ISSUER = URI(ENV.fetch('ISSUER'))
BASE_URL = ENV.fetch('BASE_URL')

# Only Sigma ID on your own machine speaks http.
SWD.url_builder = URI::HTTP if ISSUER.scheme == 'http'
# A link leads to it; the gem's own default is a form by POST with a token (CVE-2015-9284).
OmniAuth.config.allowed_request_methods = %i[get post]
OmniAuth.config.silence_get_warning = true

SIGMA = {
  name: :sigma,
  issuer: ENV.fetch('ISSUER'),
  discovery: true,
  scope: [:openid, :email, :profile],
  response_type: :code,
  client_options: {
    identifier: ENV.fetch('CLIENT_ID'),
    secret: ENV.fetch('CLIENT_SECRET'),
    redirect_uri: "#{BASE_URL}/auth/sigma/callback",
  },
}.freeze

use Rack::Session::Cookie, key: 'roster', secret: SecureRandom.hex(64)
use OmniAuth::Builder do
  provider :openid_connect, SIGMA
  # What differs is another provider.
  { silent: { prompt: 'none' }, payroll: { acr_values: 'urn:sigma:acr:mfa' } }.each do |name, more|
    callback = { redirect_uri: "#{BASE_URL}/auth/#{name}/callback" }
    provider :openid_connect, SIGMA.merge(more, name: name, client_options: SIGMA[:client_options].merge(callback))
  end
end

def go(to)
  [302, { 'Location' => to }, []]
end

run(lambda do |env|
  session = env['rack.session']
  case env['PATH_INFO']
  when '/'
    [200, { 'Content-Type' => 'application/json' }, [JSON.generate(session['user'] || {})]]
  when %r{\A/auth/\w+/callback\z}
    auth = env['omniauth.auth']
    session['user'] = auth.info.to_h.merge(uid: auth.uid, acr: auth.extra.raw_info['acr'])
    session['id_token'] = auth.credentials.id_token
    session['refresh_token'] = auth.credentials.refresh_token
    go('/')
  when '/logout'
    hint = session['id_token']
    session.clear
    metadata = OpenIDConnect::Discovery::Provider::Config.discover!(ENV.fetch('ISSUER'))
    back = URI.encode_www_form(id_token_hint: hint, post_logout_redirect_uri: "#{BASE_URL}/")
    go("#{metadata.end_session_endpoint}?#{back}")
  else
    [404, {}, ["nothing at #{env['PATH_INFO']} #{env['QUERY_STRING']}"]]
  end
end)

# Settings that belong together, for tokens, secrets, relays and the account's own keys. A setting that lacks another
# would fail at the first join; one that has no effect would let its author believe that a door is shut.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "rejects_jwt_without_an_issuer_and_an_audience" {
  command = plan

  variables {
    auth_mode = "jwt"
  }

  expect_failures = [var.jwt_issuer, var.jwt_audience]
}

run "rejects_a_shared_secret_without_its_name" {
  command = plan

  variables {
    auth_mode = "shared_secret"
  }

  expect_failures = [var.auth_secret_name]
}

run "rejects_settings_for_tokens_that_nobody_asks_for" {
  command = plan

  variables {
    auth_at_connect        = true
    auth_max_token_seconds = 3600
    jwt_issuer             = "https://id.example.com"
    jwt_audience           = ["mesh"]
    jwt_jwks_url           = "https://id.example.com/keys"
    auth_secret_name       = "ssm:/p2pmesh/tokens"
  }

  expect_failures = [
    var.auth_at_connect,
    var.auth_max_token_seconds,
    var.jwt_issuer,
    var.jwt_audience,
    var.jwt_jwks_url,
    var.auth_secret_name,
  ]
}

run "rejects_settings_of_jwt_for_a_shared_secret" {
  command = plan

  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:/p2pmesh/tokens"
    jwt_issuer       = "https://id.example.com"
    jwt_audience     = ["mesh"]
    jwt_jwks_url     = "https://id.example.com/keys"
  }

  expect_failures = [var.jwt_issuer, var.jwt_audience, var.jwt_jwks_url]
}

run "rejects_a_secret_for_jwt" {
  command = plan

  variables {
    auth_mode        = "jwt"
    jwt_issuer       = "https://id.example.com"
    jwt_audience     = ["mesh"]
    auth_secret_name = "ssm:/p2pmesh/tokens"
  }

  expect_failures = [var.auth_secret_name]
}

# An attacker in between could hand in false keys.
run "rejects_keys_and_issuers_without_tls" {
  command = plan

  variables {
    auth_mode    = "jwt"
    jwt_issuer   = "http://id.example.com"
    jwt_audience = ["mesh"]
    jwt_jwks_url = "http://id.example.com/keys"
  }

  expect_failures = [var.jwt_issuer, var.jwt_jwks_url]
}

run "rejects_issuers_and_keys_that_are_no_url" {
  command = plan

  variables {
    auth_mode    = "jwt"
    jwt_issuer   = "id.example.com"
    jwt_audience = ["mesh"]
    jwt_jwks_url = ""
  }

  expect_failures = [var.jwt_issuer, var.jwt_jwks_url]
}

run "rejects_an_issuer_with_a_query" {
  command = plan

  variables {
    auth_mode    = "jwt"
    jwt_issuer   = "https://id.example.com?tenant=1"
    jwt_audience = ["mesh"]
  }

  expect_failures = [var.jwt_issuer]
}

run "rejects_two_audiences_in_one_item" {
  command = plan

  variables {
    auth_mode    = "jwt"
    jwt_issuer   = "https://id.example.com"
    jwt_audience = ["mesh,admin"]
  }

  expect_failures = [var.jwt_audience]
}

run "rejects_an_empty_audience" {
  command = plan

  variables {
    auth_mode    = "jwt"
    jwt_issuer   = "https://id.example.com"
    jwt_audience = [""]
  }

  expect_failures = [var.jwt_audience]
}

run "rejects_claims_with_spaces" {
  command = plan

  variables {
    auth_peer_id_claim = "sub "
    auth_rooms_claim   = "rooms, room"
  }

  expect_failures = [var.auth_peer_id_claim, var.auth_rooms_claim]
}

run "rejects_a_secret_of_tokens_without_a_store" {
  command = plan

  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "/p2pmesh/tokens"
  }

  expect_failures = [var.auth_secret_name]
}

run "rejects_a_secret_of_relays_without_a_store" {
  command = plan

  variables {
    turn_urls        = ["turn:turn.example.com"]
    turn_secret_name = "p2pmesh/turn"
  }

  expect_failures = [var.turn_secret_name, check.turn_needs_tokens]
}

# In IAM it would grant more than one.
run "rejects_a_wildcard_in_the_name_of_a_parameter" {
  command = plan

  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:/p2pmesh/*"
  }

  expect_failures = [var.auth_secret_name]
}

run "rejects_a_wildcard_in_the_name_of_a_secret" {
  command = plan

  variables {
    turn_urls        = ["turn:turn.example.com"]
    turn_secret_name = "secretsmanager:turn?"
  }

  expect_failures = [var.turn_secret_name, check.turn_needs_tokens]
}

# SSM wants a slash before the first of several parts.
run "rejects_a_path_that_ssm_would_refuse" {
  command = plan

  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:p2pmesh/tokens"
  }

  expect_failures = [var.auth_secret_name]
}

run "rejects_a_store_that_is_not_offered" {
  command = plan

  variables {
    turn_urls        = ["turn:turn.example.com"]
    turn_secret_name = "vault:turn"
  }

  expect_failures = [var.turn_secret_name, check.turn_needs_tokens]
}

run "rejects_turn_servers_without_a_secret" {
  command = plan

  variables {
    turn_urls = ["turn:turn.example.com"]
  }

  expect_failures = [var.turn_secret_name, check.turn_needs_tokens]
}

run "rejects_a_secret_without_turn_servers" {
  command = plan

  variables {
    stun_urls        = ["stun:stun.example.com"]
    turn_secret_name = "ssm:/p2pmesh/turn"
  }

  expect_failures = [var.turn_secret_name]
}

run "rejects_one_secret_for_tokens_and_turn" {
  command = plan

  variables {
    auth_mode        = "shared_secret"
    auth_secret_name = "ssm:/p2pmesh/secret"
    turn_urls        = ["turn:turn.example.com"]
    turn_secret_name = "ssm:/p2pmesh/secret"
  }

  expect_failures = [var.turn_secret_name]
}

run "rejects_stun_and_turn_that_look_like_web_addresses" {
  command = plan

  variables {
    stun_urls        = ["stun://stun.example.com"]
    turn_urls        = ["turn://turn.example.com"]
    turn_secret_name = "ssm:/p2pmesh/turn"
  }

  expect_failures = [var.stun_urls, var.turn_urls]
}

run "rejects_stun_and_turn_in_each_others_place" {
  command = plan

  variables {
    stun_urls        = ["turn:turn.example.com"]
    turn_urls        = ["stun:stun.example.com"]
    turn_secret_name = "ssm:/p2pmesh/turn"
  }

  expect_failures = [var.stun_urls, var.turn_urls]
}

# Browsers throw at these, and no call is ever made.
run "rejects_queries_that_browsers_refuse" {
  command = plan

  variables {
    stun_urls        = ["stun:stun.example.com?transport=udp"]
    turn_urls        = ["turn:turn.example.com?transport=sctp"]
    turn_secret_name = "ssm:/p2pmesh/turn"
  }

  expect_failures = [var.stun_urls, var.turn_urls]
}

run "rejects_two_servers_in_one_item" {
  command = plan

  variables {
    stun_urls        = ["stun:a.example.com,stun:b.example.com"]
    turn_urls        = ["turn:a.example.com,turn:b.example.com"]
    turn_secret_name = "ssm:/p2pmesh/turn"
  }

  expect_failures = [var.stun_urls, var.turn_urls]
}

run "rejects_the_key_of_secrets_that_there_are_not" {
  command = plan

  variables {
    secrets_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  }

  expect_failures = [var.secrets_kms_key_arn]
}

# IAM matches a key's own ARN only, and each of these services takes only keys of its region.
run "rejects_aliases_and_keys_of_another_region" {
  command = plan

  variables {
    auth_mode           = "shared_secret"
    auth_secret_name    = "ssm:/p2pmesh/tokens"
    secrets_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:alias/mesh"
    kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000002"
  }

  expect_failures = [var.secrets_kms_key_arn, var.kms_key_arn]
}

run "rejects_an_empty_key" {
  command = plan

  variables {
    kms_key_arn = ""
  }

  expect_failures = [var.kms_key_arn]
}

run "takes_a_key_of_several_regions" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }

  assert {
    condition     = aws_lambda_function.signaling_server.kms_key_arn == var.kms_key_arn
    error_message = "The key is ${jsonencode(aws_lambda_function.signaling_server.kms_key_arn)}."
  }
}
